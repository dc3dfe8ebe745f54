package io.agentmanager.audit.rule;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.ValidationLimitExceededException;
import com.networknt.schema.regex.RegularExpression;
import com.networknt.schema.regex.RegularExpressions;
import io.agentmanager.contracts.api.Checks;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.internal.WorkflowMaterial.StepMaterial;
import io.agentmanager.contracts.json.WireJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Holds one step's result against the checks that the step declares. */
final class StepChecks {
  private static final int ERRORS_SHOWN = 5;
  private static final long PATTERN_NANOS = 1_000_000_000;
  private static final long SCHEMA_STEPS = 5_000_000;
  private static final long ERROR_STEPS = 200_000;
  private static final int SCHEMA_DEPTH = 1_000;

  /** When the patterns of the schema that is applied now have had their time, all together. */
  private static final ScopedValue<Long> PATTERNS_END = ScopedValue.newInstance();

  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          registry ->
              registry.schemaRegistryConfig(
                  SchemaRegistryConfig.builder()
                      .regularExpressionFactory(StepChecks::timed)
                      .build()));

  private StepChecks() {}

  /** What is wrong with the result, in sentences that tell a worker what to do. */
  static List<String> faults(StepMaterial step) {
    List<String> faults = new ArrayList<>();
    StepSpec spec = step.spec().orDefaults();
    String result = Objects.requireNonNullElse(step.finalResult(), "");
    int most = Objects.requireNonNull(spec.maxIterations());
    if (step.iterations().size() > most) {
      faults.add("It took " + step.iterations().size() + " iterations; at most " + most + ".");
    }
    Checks checks = spec.checks();
    if (checks != null) {
      checkLength(checks, result, faults);
      checkPattern(checks.pattern(), result, faults);
      schemaFault(checks.schema(), result).ifPresent(faults::add);
      if (checks.mustCite() != null) {
        faults.addAll(Citations.faults(result, checks.mustCite(), step.iterations()));
      }
    }
    return faults;
  }

  private static void checkLength(Checks checks, String result, List<String> faults) {
    int length = result.codePointCount(0, result.length());
    if (checks.minLength() != null && length < checks.minLength()) {
      faults.add("The result has " + length + " characters; at least " + checks.minLength() + ".");
    }
    if (checks.maxLength() != null && length > checks.maxLength()) {
      faults.add("The result has " + length + " characters; at most " + checks.maxLength() + ".");
    }
  }

  private static void checkPattern(@Nullable String pattern, String result, List<String> faults) {
    try {
      if (pattern != null && !found(pattern, result)) {
        faults.add("The result must contain a match of the pattern " + pattern + " .");
      }
    } catch (StackOverflowError | TimedText.Expired e) {
      faults.add("The pattern " + pattern + " cannot be applied to a result like this one.");
    }
  }

  private static boolean found(String pattern, String result) {
    return Pattern.compile(pattern).matcher(TimedText.of(result, PATTERN_NANOS)).find();
  }

  private static List<com.networknt.schema.Error> errors(
      Schema rules, String result, boolean onlyTheFirst, long steps) {
    return ScopedValue.where(PATTERNS_END, System.nanoTime() + PATTERN_NANOS)
        .call(
            () ->
                rules.validate(
                    result,
                    InputFormat.JSON,
                    execution -> {
                      execution.setFailFast(onlyTheFirst);
                      execution.executionConfig(
                          config ->
                              config.maxEvaluationSteps(steps).maxEvaluationDepth(SCHEMA_DEPTH));
                    }));
  }

  /** All of them are kept at once, so that they are looked for in fewer steps. */
  private static List<com.networknt.schema.Error> moreOf(
      List<com.networknt.schema.Error> first, Schema rules, String result) {
    try {
      return errors(rules, result, false, ERROR_STEPS);
    } catch (ValidationLimitExceededException | TimedText.Expired e) {
      return first;
    }
  }

  /** A pattern within a schema, on texts that can only be looked at for so long. */
  private static RegularExpression timed(String regex) {
    Pattern pattern =
        Pattern.compile(
            RegularExpressions.replaceLongformCharacterProperties(
                RegularExpressions.replaceDollarAnchors(regex)));
    return text -> pattern.matcher(TimedText.until(text, PATTERNS_END.get())).find();
  }

  private static Optional<String> schemaFault(@Nullable JsonNode schema, String result) {
    if (schema == null) {
      return Optional.empty();
    }
    try {
      JsonNode unused = WireJson.mapper().readTree(result);
    } catch (JacksonException e) {
      return Optional.of("The result must be JSON alone: " + e.getOriginalMessage() + ".");
    }
    List<com.networknt.schema.Error> errors;
    try {
      Schema rules = SCHEMAS.getSchema(schema);
      errors = errors(rules, result, true, SCHEMA_STEPS);
      if (!errors.isEmpty()) {
        errors = moreOf(errors, rules, result);
      }
    } catch (ValidationLimitExceededException | TimedText.Expired e) {
      return Optional.of("The JSON Schema of the checks takes too long on a result like this one.");
    } catch (SchemaException | StackOverflowError e) {
      return Optional.of("The JSON Schema of the checks cannot be applied: " + e + ".");
    }
    return errors.isEmpty()
        ? Optional.empty()
        : Optional.of(
            errors.stream()
                .limit(ERRORS_SHOWN)
                .map(e -> e.getInstanceLocation() + " " + e.getMessage())
                .collect(
                    Collectors.joining("; ", "The result does not fit its JSON Schema: ", ".")));
  }
}
