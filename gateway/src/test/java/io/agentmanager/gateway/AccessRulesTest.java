package io.agentmanager.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.http.AccessRules;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * The table of who may make which call, at a running gateway: the operator's column, which the
 * whole system's test of every other cell leaves out, and that nothing else is served.
 */
class AccessRulesTest {
  private static final int FORBIDDEN = 403;
  private static final Map<Role, String> TOKENS = new EnumMap<>(Role.class);
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    gateway = RunningGateway.start(1);
    for (Role role : Role.values()) {
      TOKENS.put(role, gateway.token(role.wireName(), "\"roles\":[\"" + role.wireName() + "\"]"));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
  }

  static Stream<Arguments> operatorsCells() {
    return AccessRules.table().stream().map(rule -> Arguments.of(rule, Role.OPERATOR));
  }

  @ParameterizedTest
  @MethodSource("operatorsCells")
  void aRoleMakesTheCallsOfItsLinesAndNoOthers(AccessRules.Rule rule, Role role) {
    String path = rule.path().replaceAll("\\{\\w+}", "x");
    int status = gateway.call(TOKENS.get(role), rule.method(), path).status();
    if (rule.roles().contains(role)) {
      assertThat(status).isNotIn(401, FORBIDDEN);
    } else {
      assertThat(status).isEqualTo(FORBIDDEN);
    }
  }

  @ParameterizedTest
  @MethodSource("io.agentmanager.http.AccessRules#table")
  void nobodyCallsWithoutAToken(AccessRules.Rule rule) {
    String path = rule.path().replaceAll("\\{\\w+}", "x");
    assertThat(gateway.call("", rule.method(), path).status()).isEqualTo(401);
  }

  @Test
  void headAsksForWhatGetAsksFor() {
    String worker = TOKENS.get(Role.WORKER);
    assertThat(gateway.call(worker, "HEAD", "/v1/workflows/x").status()).isEqualTo(FORBIDDEN);
    assertThat(gateway.call(TOKENS.get(Role.AUDITOR), "HEAD", "/v1/workflows/x").status())
        .isEqualTo(200);
  }

  @Test
  void everyDocumentedCallHasALine() throws Exception {
    try (InputStream file =
        WireJson.class.getResourceAsStream("/io/agentmanager/contracts/openapi.json")) {
      JsonNode paths = WireJson.mapper().readTree(file).path("paths");
      TreeSet<String> documented = new TreeSet<>();
      paths
          .properties()
          .forEach(
              path ->
                  path.getValue()
                      .properties()
                      .forEach(
                          call ->
                              documented.add(
                                  call.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())));
      assertThat(AccessRules.table().stream().map(rule -> rule.method() + " " + rule.path()))
          .containsExactlyInAnyOrderElementsOf(documented);
    }
  }

  @Test
  void theTableOfTheDocumentationIsThisOne() throws Exception {
    String page = Files.readString(Path.of("../docs/security.md"));
    List<String> lines =
        AccessRules.table().stream()
            .sorted(
                Comparator.comparing(AccessRules.Rule::path)
                    .thenComparing(AccessRules.Rule::method))
            .map(AccessRulesTest::line)
            .toList();
    assertThat(page).contains(String.join("\n", lines));
  }

  private static String line(AccessRules.Rule rule) {
    return Stream.of(Role.SUBMITTER, Role.WORKER, Role.AUDITOR, Role.ADMIN)
        .map(role -> rule.roles().contains(role) ? " yes |" : " |")
        .collect(Collectors.joining("", "| `" + rule.method() + " " + rule.path() + "` |", ""));
  }
}
