package io.agentmanager.contracts.api;

/**
 * Values were sealed anew.
 *
 * @param resealed how many
 * @param keyVersion the version of the key that seals now; older ones are needed no more
 */
public record ResealAnswer(int resealed, int keyVersion) {}
