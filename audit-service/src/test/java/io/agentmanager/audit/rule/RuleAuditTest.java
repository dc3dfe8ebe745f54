package io.agentmanager.audit.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.audit.Verdict;
import io.agentmanager.contracts.api.AuditPolicy;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.Checks;
import io.agentmanager.contracts.api.Complexity;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.internal.WorkflowMaterial;
import io.agentmanager.contracts.internal.WorkflowMaterial.StepMaterial;
import io.agentmanager.contracts.json.WireJson;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleAuditTest {
  private static final String SOURCE = "docs/a.md";
  private static final String TEXT = "The oak grows slowly.\nIt is 300 years\nold.";

  @Test
  void aStepWithoutChecksPasses() {
    assertThat(judge("anything", null).passed()).isTrue();
  }

  @Test
  void lengthsAreCountedInCharacters() {
    assertThat(judge("\uD83C\uDF33\uD83C\uDF33", checks(null, 3, null, null, null)).passed())
        .isFalse();
    assertThat(judge("\uD83C\uDF33\uD83C\uDF33", checks(null, 2, 2, null, null)).passed()).isTrue();
    assertThat(judge("abc", checks(null, null, 2, null, null)).feedback()).contains("at most 2");
  }

  @Test
  void aPatternMustBeFoundAnywhere() {
    assertThat(judge("see Sources below", checks(null, null, null, "Sources", null)).passed())
        .isTrue();
    assertThat(judge("nothing", checks(null, null, null, "^[0-9]+$", null)).passed()).isFalse();
  }

  @Test
  void aSchemaIsAppliedToTheResultParsedAsJson() {
    String schema =
        "{\"type\":\"object\",\"required\":[\"n\"],\"properties\":{\"n\":{\"type\":\"integer\"}}}";
    assertThat(judge("{\"n\": 1}", checks(schema, null, null, null, null)).passed()).isTrue();
    assertThat(judge("{\"n\": \"1\"}", checks(schema, null, null, null, null)).feedback())
        .contains("/n");
    assertThat(judge("not JSON", checks(schema, null, null, null, null)).feedback())
        .contains("must be JSON");
  }

  @Test
  void patternsInSchemasAreThoseOfTheSchemaLibrary() {
    String digits = "{\"type\":\"string\",\"pattern\":\"^\\\\p{Letter}+$\"}";
    assertThat(judge("\"abc\"", checks(digits, null, null, null, null)).passed()).isTrue();
    assertThat(judge("\"abc\\n\"", checks(digits, null, null, null, null)).passed()).isFalse();
  }

  @Test
  @Timeout(20)
  void noCheckTakesForEver() {
    String backtracking = "{\"type\":\"string\",\"pattern\":\"a*a*a*a*a*a*a*a*b\"}";
    String longText = "\"" + "a".repeat(1 << 20) + "\"";
    assertThat(judge(longText, checks(backtracking, null, null, null, null)).feedback())
        .contains("takes too long");
    String twice =
        "{\"allOf\":[{\"$ref\":\"#/$defs/deep\"},{\"$ref\":\"#/$defs/deep\"}],\"$defs\":{\"deep\":"
            + "{\"items\":{\"allOf\":[{\"$ref\":\"#/$defs/deep\"},{\"$ref\":\"#/$defs/deep\"}]}}}}";
    String nested = "[".repeat(60) + "]".repeat(60);
    assertThat(judge(nested, checks(twice, null, null, null, null)).feedback())
        .contains("takes too long");
    String never = twice.replace("{\"items\"", "{\"not\":{},\"items\"");
    assertThat(judge(nested, checks(never, null, null, null, null)).feedback())
        .contains("does not fit its JSON Schema");
    String many = "[" + ("\"" + "a".repeat(100) + "\",").repeat(10_000) + "\"\"]";
    String each = "{\"items\":{\"pattern\":\"^(a*)*$|a*a*a*a*a*b|^$\"}}";
    assertThat(judge(many, checks(each, null, null, null, null)).feedback()).isNotEmpty();
    String spaced = "[docs/a.md]" + " ".repeat(500_000) + "x[docs/a.md]";
    assertThat(judge(spaced, cite()).passed()).isTrue();
    String unclosed = "\u201c".repeat(20_000) + " [docs/a.md]";
    assertThat(judge(unclosed, cite()).passed()).isTrue();
  }

  @Test
  void eachSourceMustBeCited() {
    Verdict verdict = judge("I know it.", cite());
    assertThat(verdict.suggestions().getFirst().note())
        .isEqualTo("The result must cite [docs/a.md].");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "As \"The oak grows slowly.\" [docs/a.md] says",
        "It is old [docs/a.md].",
        "\u201cIt is 300 years old.\u201d [docs/a.md]",
        "\"grows slowly\" and \"300 years old\" [docs/a.md]",
        "\"a word\" without a source. Then\n\"oak\" [docs/a.md]"
      })
  void trueQuotationsPass(String result) {
    assertThat(judge(result, cite()).passed()).as(judge(result, cite()).feedback()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"The oak grows quickly.\" [docs/a.md]",
        "\u201cThe oak is tall\u201d, [docs/a.md]",
        "\"The pine flies\" and \"The oak grows slowly.\" [docs/a.md]",
        "\"The oak grows quickly\" [docs/b.md] and [docs/a.md]"
      })
  void inventedQuotationsDoNot(String result) {
    assertThat(judge(result, cite()).passed()).isFalse();
  }

  @Test
  void whatAnotherSourceSaysIsNoQuotationOfThisOne() {
    StepMaterial step =
        step(
            "\"The oak grows slowly.\" [docs/a.md]",
            cite(),
            List.of(read("docs/other.md", TEXT), read(SOURCE, "Something else.")));
    assertThat(RuleAudit.judge(material(Budget.UNLIMITED, step)).passed()).isFalse();
  }

  @Test
  void aFailedStepIsSentBackAndTooManyIterationsAreAFault() {
    StepMaterial failed =
        new StepMaterial(
            StepSpec.of("f", "x", "r", List.of()),
            StepStatus.FAILED,
            3,
            null,
            List.of(),
            Usage.NONE,
            true);
    assertThat(RuleAudit.judge(material(Budget.UNLIMITED, failed)).suggestions())
        .singleElement()
        .satisfies(s -> assertThat(s.stepId()).isEqualTo("f"));
    List<Iteration> many =
        java.util.stream.IntStream.range(0, 11).mapToObj(i -> read(SOURCE, TEXT)).toList();
    assertThat(RuleAudit.judge(material(Budget.UNLIMITED, step("x", null, many))).feedback())
        .contains("11 iterations");
  }

  @Test
  void aSpentBudgetCannotBeMendedByWorkingMore() {
    Verdict verdict = RuleAudit.judge(material(new Budget(5L, null), step("x", null, List.of())));
    assertThat(verdict.passed()).isFalse();
    assertThat(verdict.mendable()).isFalse();
  }

  private static Verdict judge(String result, Checks checks) {
    return RuleAudit.judge(
        material(Budget.UNLIMITED, step(result, checks, List.of(read(SOURCE, TEXT)))));
  }

  private static StepMaterial step(String result, Checks checks, List<Iteration> iterations) {
    StepSpec spec = new StepSpec("s", "x", "r", null, null, null, null, checks, null, null, null);
    return new StepMaterial(
        spec, StepStatus.COMPLETED, 1, result, iterations, new Usage(6, 0, 0), true);
  }

  private static WorkflowMaterial material(Budget budget, StepMaterial step) {
    return new WorkflowMaterial(
        "w",
        WorkflowStatus.AUDITING,
        0,
        "goal",
        Complexity.LOW,
        AuditPolicy.standard(),
        budget,
        step.usage(),
        List.of(step));
  }

  private static Checks cite() {
    return checks(null, null, null, null, List.of(SOURCE));
  }

  private static Checks checks(
      String schema, Integer least, Integer most, String pattern, List<String> sources) {
    return new Checks(
        schema == null ? null : WireJson.mapper().readTree(schema), least, most, pattern, sources);
  }

  private static Iteration read(String path, String text) {
    return new Iteration(
        0,
        null,
        new Iteration.Action("read_file", WireJson.mapper().valueToTree(Map.of("path", path))),
        text,
        null,
        null,
        null);
  }
}
