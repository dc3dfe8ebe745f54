package io.agentmanager.audit.trail;

import io.agentmanager.contracts.trail.TrailEvent;

/**
 * An entry in its place.
 *
 * @param seq its number in its tenant's chain, from 1
 * @param keyVersion which key its hash was made with
 * @param hash over everything else in it and the hash of the entry before
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared as a whole.
record ChainedEntry(TrailEvent event, long seq, int keyVersion, byte[] hash) {}
