package dev.areaflow.topology;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;

@AnalyzeClasses(packages = "dev.areaflow.topology", importOptions = DoNotIncludeTests.class)
final class ModuleTest {
  @ArchTest
  static final ArchRule NO_IO_BUT_KAFKA =
      noClasses()
          .that()
          .doNotImplement(ProcessorContext.class) // it has a method that returns a file
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.net..", "java.sql..", "javax.net..", "java.nio.channels..", "io.helidon..")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.io.File")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.nio.file.Files")
          .because("the topology only decides; what has to be called is a command on a topic");

  @ArchTest
  static final ArchRule MEETS_OTHERS_IN_TOPICS =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.areaflow.catalog..",
              "dev.areaflow.ingest..",
              "dev.areaflow.executors..",
              "dev.areaflow.api..")
          .because("modules meet in topics; put the contract into schemas");

  @ArchTest
  static final ArchRule DECISIONS_ARE_PURE =
      noClasses()
          .that()
          .resideInAnyPackage("..decision..", "..runs..", "..rows..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.areaflow.topology",
              "org.apache.kafka.streams..",
              "org.apache.kafka.clients..",
              "io.micrometer..")
          .because("what is decided must not depend on who asks; pass in what is needed");

  @ArchTest
  static final ArchRule PROCESSORS_HAVE_NO_CLOCK =
      noClasses()
          .that()
          .implement(Processor.class)
          .or()
          .resideInAnyPackage("..decision..", "..runs..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(Instant.class, "now")
          .because("time comes from the record or from the processor's context");
}
