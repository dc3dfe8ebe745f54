package io.agentmanager.contracts.api;

/**
 * Where the trail stands, signed.
 *
 * @param seq the newest entry's number
 * @param checkpoint a JSON Web Signature (RFC 7515, compact, ES256) over tenant, number, hash and
 *     time
 */
public record TrailCheckpoint(long seq, String checkpoint) {}
