package io.agentmanager.contracts.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** Names the tenant that owns a row, an event or a call; 1 to 64 of {@code [A-Za-z0-9._-]}. */
public record TenantId(@JsonValue String value) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /**
   * Checks the form.
   *
   * @throws IllegalArgumentException when the value is not a tenant's name
   */
  @JsonCreator
  public TenantId {
    if (!isOne(value)) {
      throw new IllegalArgumentException("not a tenant id: " + value);
    }
  }

  /** Whether the text is a tenant's name. */
  public static boolean isOne(String text) {
    return FORM.matcher(text).matches();
  }

  @Override
  public String toString() {
    return value;
  }
}
