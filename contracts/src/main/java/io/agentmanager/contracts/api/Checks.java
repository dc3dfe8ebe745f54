package io.agentmanager.contracts.api;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a rule audit demands of a step's final result. Every part is optional.
 *
 * @param schema a JSON Schema (draft 2020-12 unless it says otherwise) for the result parsed as
 *     JSON
 * @param minLength least length in characters
 * @param maxLength greatest length in characters
 * @param pattern a regular expression that must be found
 * @param mustCite sources that must be cited as {@code [source]}; a quotation before such a
 *     citation must occur word for word in what the attempt read from that source
 */
public record Checks(
    @Nullable JsonNode schema,
    @Nullable Integer minLength,
    @Nullable Integer maxLength,
    @Nullable String pattern,
    @Nullable List<String> mustCite) {}
