package io.agentmanager.contracts.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Names the tenant that owns a row, an event or a call; 1 to 64 of {@code [A-Za-z0-9._-]}. */
public record TenantId(@JsonValue String value) {
  /**
   * Checks the form.
   *
   * @throws IllegalArgumentException when the value is not a tenant's name
   */
  @JsonCreator
  public TenantId {
    if (!value.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new IllegalArgumentException("not a tenant id: " + value);
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
