package io.agentmanager.contracts.api;

/**
 * Values were sealed anew.
 *
 * @param resealed how many
 * @param keyVersion the version of the key that seals now; older ones are needed no more if nothing
 *     is left
 * @param unreadable how many are left as they were, since no key that is known opens them
 */
public record ResealAnswer(int resealed, int keyVersion, int unreadable) {}
