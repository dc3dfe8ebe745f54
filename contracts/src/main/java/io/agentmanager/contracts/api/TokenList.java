package io.agentmanager.contracts.api;

import java.util.List;

/** The answer to {@code GET /v1/tokens}, by name. */
public record TokenList(List<TokenView> tokens) {}
