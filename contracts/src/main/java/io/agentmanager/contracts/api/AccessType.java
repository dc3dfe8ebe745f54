package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a step uses a file. Readers share; a writer is alone; exclusive blocks everything. */
public enum AccessType {
  @JsonProperty("read")
  READ,
  @JsonProperty("write")
  WRITE,
  @JsonProperty("exclusive")
  EXCLUSIVE;

  /** Whether two holders of one file may stand side by side. */
  public boolean isCompatibleWith(AccessType other) {
    return this == READ && other == READ;
  }
}
