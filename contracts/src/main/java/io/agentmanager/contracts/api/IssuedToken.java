package io.agentmanager.contracts.api;

/**
 * A token that was made or rotated just now.
 *
 * @param secret what its bearer sends; shown here once, and stored nowhere
 * @param token the rest
 */
public record IssuedToken(String secret, TokenView token) {}
