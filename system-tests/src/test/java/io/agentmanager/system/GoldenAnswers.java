package io.agentmanager.system;

import static net.javacrumbs.jsonunit.assertj.JsonAssertions.assertThatJson;
import static net.javacrumbs.jsonunit.core.Option.IGNORING_EXTRA_FIELDS;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.javacrumbs.jsonunit.core.ParametrizedMatcher;
import org.hamcrest.BaseMatcher;
import org.hamcrest.Description;
import tools.jackson.databind.JsonNode;

/**
 * Compares answers with those of a kept session. Every field that was there then must be there now
 * with that value; fields may have been added. {@code ${name}} stands for a value that is the same
 * wherever the name stands, {@code ${*}} for any that is not null.
 */
final class GoldenAnswers {
  private static final Pattern NAME = Pattern.compile("\\$\\{([\\w*]+)}");
  private static final String ANY = "*";
  private final Map<String, Object> bound = new HashMap<>();

  void bind(String name, String value) {
    bound.put(name, value);
  }

  /** A text with the values of its names. */
  String filled(String text) {
    return NAME.matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(bound.get(found.group(1)).toString()));
  }

  /** Fails where an answer differs from the kept one. */
  void check(String call, JsonNode kept, JsonNode now) {
    String expected = NAME.matcher(kept.toString()).replaceAll("\\${json-unit.matches:bound}$1");
    assertThatJson(now.toString())
        .as(call)
        .when(IGNORING_EXTRA_FIELDS)
        .withMatcher("bound", new Bound())
        .isEqualTo(expected);
  }

  /** Takes the first value of a name, and that one alone from then on. */
  private final class Bound extends BaseMatcher<Object> implements ParametrizedMatcher {
    private String name = ANY;

    @Override
    public void setParameter(String parameter) {
      name = parameter;
    }

    @Override
    public boolean matches(Object value) {
      if (value == null || name.equals(ANY)) {
        return value != null;
      }
      Object before = bound.putIfAbsent(name, value);
      return before == null || before.equals(value);
    }

    @Override
    public void describeTo(Description description) {
      description.appendText(name + ", which is " + bound.getOrDefault(name, "there"));
    }
  }
}
