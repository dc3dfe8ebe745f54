package io.agentmanager.system;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What may know what. */
class ArchitectureTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("system-tests"))
          .importPackages("io.agentmanager");

  private static final List<String> SERVICES = List.of("gateway", "planner", "task", "audit");

  @Test
  void theLifecycleIsPure() {
    holds(
        classes()
            .that()
            .resideInAPackage("io.agentmanager.task.lifecycle..")
            .should()
            .onlyDependOnClassesThat(
                com.tngtech.archunit.base.DescribedPredicate.or(
                    JavaClass.Predicates.resideInAnyPackage(
                        "java.lang..",
                        "java.util",
                        "java.util.function",
                        "java.util.stream",
                        "java.time..",
                        "org.jspecify..",
                        "io.agentmanager.contracts..",
                        "io.agentmanager.task.lifecycle.."),
                    JavaClass.Predicates.simpleName("JournalEntry"))));
    holds(
        noClasses()
            .that()
            .resideInAPackage("io.agentmanager.task.lifecycle..")
            .should()
            .callMethod(java.time.Instant.class, "now"));
  }

  @Test
  void contractsKnowNoFramework() {
    holds(
        noClasses()
            .that()
            .resideInAPackage("io.agentmanager.contracts..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "org.springframework..",
                "reactor..",
                "org.apache.kafka..",
                "java.net.http..",
                "java.sql..",
                "java.nio.file.."));
  }

  @Test
  void servicesTalkThroughContractsAlone() {
    for (String service : SERVICES) {
      String[] others =
          SERVICES.stream()
              .filter(other -> !other.equals(service))
              .map(other -> "io.agentmanager." + other + "..")
              .toArray(String[]::new);
      holds(
          noClasses()
              .that()
              .resideInAPackage("io.agentmanager." + service + "..")
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(others));
    }
  }

  @Test
  void whatIsReadForCallersCannotReachTheRoleThatSpansTenants() {
    holds(
        noClasses()
            .that()
            .haveSimpleNameEndingWith("Queries")
            .or()
            .haveSimpleNameEndingWith("Controller")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.springframework.jdbc.core.JdbcTemplate")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("javax.sql.DataSource"));
  }

  @Test
  void theWorkerNeedsNoServer() {
    holds(
        noClasses()
            .that()
            .resideInAPackage("io.agentmanager.worker..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "org.springframework..",
                "reactor..",
                "io.netty..",
                "io.agentmanager.http..",
                "io.agentmanager.journal.."));
  }

  @Test
  void nobodySubscribesAndOnlyListenersBlock() {
    holds(noClasses().should(call("reactor.core.publisher", "subscribe")));
    holds(
        noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Listeners")
            .should(call("reactor.core.publisher", "block")));
  }

  @Test
  void noCyclesAmongTheWorkersPackages() {
    holds(slices().matching("io.agentmanager.contracts.(*)..").should().beFreeOfCycles());
    holds(slices().matching("io.agentmanager.planner.(*)..").should().beFreeOfCycles());
    holds(slices().matching("io.agentmanager.audit.(*)..").should().beFreeOfCycles());
  }

  @Test
  void namesSayARole() {
    holds(noClasses().should().haveNameMatching(".*(Impl|Manager|Util|Utils|Helper|Common|Base)$"));
  }

  @Test
  void everyPackageIsNullMarked() {
    holds(
        classes()
            .that()
            .resideInAPackage("io.agentmanager..")
            .should(
                new ArchCondition<>("reside in a package that is @NullMarked") {
                  @Override
                  public void check(JavaClass item, ConditionEvents events) {
                    boolean marked =
                        item.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked");
                    if (!marked) {
                      events.add(SimpleConditionEvent.violated(item, item.getName()));
                    }
                  }
                }));
  }

  private static void holds(ArchRule rule) {
    rule.check(MAIN);
  }

  private static ArchCondition<JavaClass> call(String inPackage, String method) {
    return new ArchCondition<>("call " + method + " of " + inPackage) {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        for (JavaMethodCall call : item.getMethodCallsFromSelf()) {
          boolean hit =
              call.getTargetOwner().getPackageName().equals(inPackage)
                  && call.getName().equals(method);
          if (hit) {
            events.add(SimpleConditionEvent.satisfied(item, call.getDescription()));
          }
        }
      }
    };
  }
}
