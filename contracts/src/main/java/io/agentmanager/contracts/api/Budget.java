package io.agentmanager.contracts.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What may be spent on model calls; an absent limit is no limit.
 *
 * @param maxTokens input and output tokens together
 * @param maxCostUsd United States dollars by the price table
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Budget(@Nullable Long maxTokens, @Nullable Double maxCostUsd) {
  /** No limit at all. */
  public static final Budget UNLIMITED = new Budget(null, null);
}
