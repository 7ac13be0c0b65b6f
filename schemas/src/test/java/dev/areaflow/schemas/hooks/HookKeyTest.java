package dev.areaflow.schemas.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.config.InvalidSettingsException;
import dev.areaflow.schemas.config.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HookKeyTest {
  private static final UUID HOOK = UUID.fromString("01900000-0000-7000-8000-000000000001");

  private final HookKey key = new HookKey(base64(1, 32));

  @Test
  void aTokenNamesItsHook() {
    // when
    String token = key.token(HOOK);

    // then
    assertThat(token).hasSize(43).matches("[A-Za-z0-9_-]+");
    assertThat(key.verify(token)).contains(HOOK);
    assertThat(new HookKey(base64(1, 32)).token(HOOK)).isEqualTo(token);
  }

  @Test
  void aTokenWithAnyBitChangedIsNone() {
    // given
    byte[] token = Base64.getUrlDecoder().decode(key.token(HOOK));
    List<String> forged = new ArrayList<>();

    // when
    for (int bit = 0; bit < token.length * 8; bit++) {
      byte[] changed = token.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      forged.add(Base64.getUrlEncoder().withoutPadding().encodeToString(changed));
    }

    // then
    assertThat(forged).hasSize(256).allMatch(text -> key.verify(text).isEmpty());
  }

  @Test
  void aTokenOfAnotherKeyIsNone() {
    assertThat(key.verify(new HookKey(base64(2, 32)).token(HOOK))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "not base64!", "01900000-0000-7000-8000-000000000001"})
  void whatIsNoTokenIsNone(String text) {
    assertThat(key.verify(text)).isEmpty();
    assertThat(key.verify(key.token(HOOK) + text + "AA")).isEmpty();
  }

  @Test
  void aSecretIsOfItsKeyHookAndGeneration() {
    // when
    String secret = key.secret(HOOK, 1);

    // then
    assertThat(secret).matches("[0-9a-f]{64}").isEqualTo(key.secret(HOOK, 1));
    assertThat(
            List.of(
                key.secret(HOOK, 2),
                key.secret(UUID.randomUUID(), 1),
                new HookKey(base64(2, 32)).secret(HOOK, 1)))
        .doesNotContain(secret);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16, 31})
  void aShortKeyIsRefused(int bytes) {
    assertThatThrownBy(() -> new HookKey(base64(1, bytes)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 32 bytes in Base64");
  }

  @ParameterizedTest
  @ValueSource(strings = {"topsecret!", "dG9wc2VjcmV0"})
  void aKeyThatIsNoneIsAProblemOfItsSettingAndNotShown(String text) {
    // given
    Settings settings = Settings.of(Map.of("hooks.key", text));

    // then
    assertThatThrownBy(() -> settings.check(List.of(HookKey.SETTING)))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("hooks.key is not usable: expected at least 32 bytes in Base64")
        .hasMessageContaining("openssl rand -base64 32")
        .hasMessageNotContaining(text);
  }

  private static String base64(int fill, int bytes) {
    byte[] key = new byte[bytes];
    Arrays.fill(key, (byte) fill);
    return Base64.getEncoder().encodeToString(key);
  }
}
