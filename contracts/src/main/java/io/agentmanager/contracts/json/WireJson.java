package io.agentmanager.contracts.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one way in which AgentManager reads and writes JSON: snake_case, RFC 3339 times in UTC, ISO
 * 8601 durations, absent rather than null, unknown fields ignored.
 *
 * <p>A submission is read with {@link #strict()}, which refuses unknown fields.
 */
public final class WireJson {
  private static final int MAX_DEPTH = 100;
  private static final int MAX_TEXT = 8 * 1024 * 1024;
  private static final JsonMapper LENIENT = configure(JsonMapper.builder(factory())).build();
  private static final JsonMapper STRICT =
      configure(JsonMapper.builder(factory()))
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private WireJson() {}

  /** The mapper for everything but submissions: unknown fields are ignored. */
  public static JsonMapper mapper() {
    return LENIENT;
  }

  /** The mapper for submissions: an unknown field is an error that names it. */
  public static JsonMapper strict() {
    return STRICT;
  }

  /** Applies the wire's conventions to a builder, for frameworks that make their own mapper. */
  public static JsonMapper.Builder configure(JsonMapper.Builder builder) {
    return builder
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .changeDefaultPropertyInclusion(old -> old.withValueInclusion(JsonInclude.Include.NON_NULL))
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS);
  }

  private static JsonFactory factory() {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxStringLength(MAX_TEXT)
                .build())
        .build();
  }
}
