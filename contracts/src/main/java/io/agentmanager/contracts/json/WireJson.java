package io.agentmanager.contracts.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.function.Function;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * The one way in which AgentManager reads and writes JSON: snake_case, RFC 3339 times in UTC, ISO
 * 8601 durations, absent rather than null, unknown fields ignored.
 *
 * <p>A submission is read with {@link #strict()}, which refuses unknown fields.
 */
public final class WireJson {
  private static final int FIVE_DIGITS = 9999;
  private static final int MAX_DEPTH = 100;
  private static final int MAX_NAME = 4_096;
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
        .addModule(timesAsText())
        .withCoercionConfig(
            LogicalType.Textual,
            texts ->
                texts
                    .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
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

  /** A time is RFC 3339 text and a duration ISO 8601 text; a number is neither. */
  private static SimpleModule timesAsText() {
    return new SimpleModule("times-as-text")
        .addDeserializer(Instant.class, new FromText<>(Instant.class, WireJson::instant))
        .addDeserializer(Duration.class, new FromText<>(Duration.class, Duration::parse));
  }

  /**
   * Reads an RFC 3339 time, whose years have four digits.
   *
   * @throws DateTimeException when it is none
   */
  public static Instant instant(String text) {
    OffsetDateTime time = OffsetDateTime.parse(text);
    if (time.getYear() < 1 || time.getYear() >= FIVE_DIGITS) {
      throw new DateTimeException("a year has four digits");
    }
    return time.toInstant();
  }

  private static final class FromText<T> extends StdDeserializer<T> {
    private final transient Function<String, T> parser;

    FromText(Class<T> type, Function<String, T> parser) {
      super(type);
      this.parser = parser;
    }

    @Override
    public T deserialize(JsonParser json, DeserializationContext context) {
      if (json.currentToken() == JsonToken.VALUE_STRING) {
        try {
          return parser.apply(json.getString().strip());
        } catch (DateTimeException | ArithmeticException e) {
          // Said below.
        }
      }
      return context.reportInputMismatch(
          this,
          handledType() == Instant.class
              ? "must be an RFC 3339 time such as 2026-01-31T12:00:00Z"
              : "must be an ISO 8601 duration such as PT10M");
    }
  }

  private static JsonFactory factory() {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxStringLength(MAX_TEXT)
                .maxNameLength(MAX_NAME)
                .build())
        .build();
  }
}
