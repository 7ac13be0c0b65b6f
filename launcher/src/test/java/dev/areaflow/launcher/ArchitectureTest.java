package dev.areaflow.launcher;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the modules, as ARCHITECTURE.md draws them. */
@AnalyzeClasses(
    packages = "dev.areaflow",
    importOptions = {
      ImportOption.DoNotIncludeTests.class,
      ArchitectureTest.DoNotIncludeTestsOfOtherModules.class
    })
class ArchitectureTest {
  /** What modules give each other for their tests. */
  static final class DoNotIncludeTestsOfOtherModules implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  private static final String SCHEMAS = "dev.areaflow.schemas..";
  private static final String EXPRESSIONS = "dev.areaflow.expressions..";
  private static final String CATALOG = "dev.areaflow.catalog..";
  private static final String INGEST = "dev.areaflow.ingest..";
  private static final String TOPOLOGY = "dev.areaflow.topology..";
  private static final String EXECUTORS = "dev.areaflow.executors..";
  private static final String API = "dev.areaflow.api..";
  private static final String LAUNCHER = "dev.areaflow.launcher..";
  private static final String CLI = "dev.areaflow.launcher.cli";
  private static final String CLI_EXPORTS = CLI + ".exports";
  private static final String CLI_SERVER = CLI + ".server";
  private static final String CLI_TERMINAL = CLI + ".terminal";

  @ArchTest
  static final ArchRule schemasKnowNothingOfUs =
      noClasses()
          .that()
          .resideInAPackage(SCHEMAS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(EXPRESSIONS, CATALOG, INGEST, TOPOLOGY, EXECUTORS, API, LAUNCHER)
          .because("contracts stand alone; put the code with the module that needs it");

  @ArchTest
  static final ArchRule expressionsKnowNothingOfUs =
      noClasses()
          .that()
          .resideInAPackage(EXPRESSIONS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(SCHEMAS, CATALOG, INGEST, TOPOLOGY, EXECUTORS, API, LAUNCHER)
          .because("expressions are a language, not a part of the pipeline");

  @ArchTest
  static final ArchRule theCatalogKnowsNoRole =
      noClasses()
          .that()
          .resideInAPackage(CATALOG)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(INGEST, TOPOLOGY, EXECUTORS, API, LAUNCHER)
          .because("services are data that the roles use; hand in what the catalog needs of them");

  @ArchTest
  static final ArchRule ingestMeetsOthersInTopics =
      meetsOthersInTopics(INGEST, TOPOLOGY, EXECUTORS, API);

  @ArchTest
  static final ArchRule topologyMeetsOthersInTopics =
      meetsOthersInTopics(TOPOLOGY, INGEST, EXECUTORS, API, CATALOG);

  @ArchTest
  static final ArchRule executorsMeetOthersInTopics =
      meetsOthersInTopics(EXECUTORS, INGEST, TOPOLOGY, API);

  @ArchTest
  static final ArchRule apiMeetsOthersInTopics =
      meetsOthersInTopics(API, INGEST, TOPOLOGY, EXECUTORS);

  @ArchTest
  static final ArchRule topologyDoesNoOutsideCalls =
      noClasses()
          .that()
          .resideInAPackage(TOPOLOGY)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.net.http..", "io.helidon..", "java.sql..", "javax.sql..")
          .because("outside calls are commands on a topic, carried out by the executors");

  @ArchTest
  static final ArchRule modulesHaveNoCycles =
      slices()
          .matching("dev.areaflow.(*)..")
          .should()
          .beFreeOfCycles()
          .because("modules build one after the other");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices()
          .matching("dev.areaflow.(**)")
          .should()
          .beFreeOfCycles()
          .because("each package is to be read after those it uses; move what both need to one");

  @ArchTest
  static final ArchRule toolsOfCommandsDoNotKnowThem =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("list")
          .definedBy(CLI)
          .layer("commands")
          .definedBy(
              resideInAPackage(CLI + ".*")
                  .and(not(resideInAnyPackage(CLI_EXPORTS, CLI_SERVER, CLI_TERMINAL))))
          .layer("exports")
          .definedBy(CLI_EXPORTS)
          .layer("server")
          .definedBy(CLI_SERVER)
          .layer("terminal")
          .definedBy(CLI_TERMINAL)
          .whereLayer("list")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("commands")
          .mayOnlyBeAccessedByLayers("list")
          .whereLayer("exports")
          .mayOnlyBeAccessedByLayers("commands")
          .whereLayer("server")
          .mayOnlyBeAccessedByLayers("exports", "commands")
          .because("a tool is of no command; hand in what it needs of one");

  @ArchTest
  static final ArchRule commandsDoNotKnowOneAnother =
      slices()
          .matching(CLI + ".(*)")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(alwaysTrue(), resideInAnyPackage(CLI_EXPORTS, CLI_SERVER, CLI_TERMINAL))
          .ignoreDependency(
              resideInAPackage(CLI + ".replays"), resideInAPackage(CLI + ".backtests"))
          .because(
              "what two kinds of commands need is a tool; but a replay that is not live is shown as"
                  + " the backtest that it is");

  @ArchTest
  static final ArchRule namesSayWhatThingsAre =
      classes()
          .should()
          .haveNameNotMatching(".*(Util|Utils|Helper|Manager|Impl)")
          .because("such a name hides what the class is about; put the method on its type");

  private static ArchRule meetsOthersInTopics(String module, String... others) {
    return noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(LAUNCHER)
        .because("roles meet in topics; a shared contract belongs into schemas");
  }
}
