package io.agentmanager.models;

import io.agentmanager.contracts.api.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * What a model costs, in United States dollars for a million tokens.
 *
 * @param input tokens sent
 * @param output tokens received
 */
public record Price(double input, double output) {
  private static final double MILLION = 1_000_000;

  /** The cost of so many tokens. */
  public Usage of(long inputTokens, long outputTokens) {
    return new Usage(
        inputTokens, outputTokens, (inputTokens * input + outputTokens * output) / MILLION);
  }

  /**
   * Reads {@code model=input/output,...}.
   *
   * @throws IllegalArgumentException when an entry has another form
   */
  public static Map<String, Price> parseTable(String text) {
    Map<String, Price> table = new HashMap<>();
    for (String entry : text.split(",", -1)) {
      int equals = entry.lastIndexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("LLM_PRICES needs model=input/output, not " + entry);
      }
      table.put(entry.substring(0, equals).strip(), parse(entry.substring(equals + 1)));
    }
    return table;
  }

  /** The table that ships with the product: list prices, to be overridden where they differ. */
  static Map<String, Price> shipped() {
    Properties properties = new Properties();
    try (InputStream file = Price.class.getResourceAsStream("prices.properties")) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Price> table = new HashMap<>();
    properties.forEach((model, price) -> table.put(model.toString(), parse(price.toString())));
    return table;
  }

  private static Price parse(String text) {
    String[] parts = text.strip().split("/", -1);
    try {
      return new Price(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IllegalArgumentException("a price is input/output, not " + text, e);
    }
  }
}
