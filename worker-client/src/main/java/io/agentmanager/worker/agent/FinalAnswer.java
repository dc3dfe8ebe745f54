package io.agentmanager.worker.agent;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.ValidationLimitExceededException;
import io.agentmanager.contracts.api.Checks;
import io.agentmanager.contracts.json.WireJson;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Looks whether an answer has the form that its step asks for, before an audit does. */
final class FinalAnswer {
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final Pattern FENCED =
      Pattern.compile("\\A```(?:json)?\\s*\\n(.*)\\n```\\z", Pattern.DOTALL);
  private static final int SHOWN = 5;
  private static final long STEPS = 1_000_000;
  private static final int DEPTH = 1_000;

  private FinalAnswer() {}

  /** The answer as it is to be sent: models like to fence JSON, which a schema does not take. */
  static String bare(String answer, @Nullable Checks checks) {
    if (checks == null || checks.schema() == null) {
      return answer;
    }
    Matcher fenced = FENCED.matcher(answer.strip());
    return fenced.matches() ? fenced.group(1).strip() : answer.strip();
  }

  /** What is wrong with it, in words that tell a model what to mend. */
  static Optional<String> fault(String answer, @Nullable Checks checks) {
    if (checks == null) {
      return Optional.empty();
    }
    int length = answer.codePointCount(0, answer.length());
    if (checks.minLength() != null && length < checks.minLength()) {
      return Optional.of(
          "The answer has " + length + " characters and needs at least " + checks.minLength());
    }
    if (checks.maxLength() != null && length > checks.maxLength()) {
      return Optional.of(
          "The answer has " + length + " characters and may have at most " + checks.maxLength());
    }
    JsonNode schema = checks.schema();
    return schema == null ? Optional.empty() : schemaFault(schema, answer);
  }

  /** A schema that cannot be applied is nothing that a model could mend: the audit says so. */
  private static Optional<String> schemaFault(JsonNode schema, String answer) {
    try {
      JsonNode unused = WireJson.mapper().readTree(answer);
      Schema rules = SCHEMAS.getSchema(schema);
      List<Error> errors =
          rules.validate(
              answer,
              InputFormat.JSON,
              execution ->
                  execution.executionConfig(
                      config -> config.maxEvaluationSteps(STEPS).maxEvaluationDepth(DEPTH)));
      return errors.isEmpty() ? Optional.empty() : Optional.of(describe(errors));
    } catch (JacksonException e) {
      return Optional.of("The answer must be JSON and nothing else: " + e.getOriginalMessage());
    } catch (SchemaException | ValidationLimitExceededException | StackOverflowError e) {
      return Optional.empty();
    }
  }

  private static String describe(List<Error> errors) {
    return errors.stream()
        .limit(SHOWN)
        .map(e -> e.getInstanceLocation() + " " + e.getMessage())
        .collect(Collectors.joining("; ", "The answer does not fit its JSON Schema: ", ""));
  }
}
