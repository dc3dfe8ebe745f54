package io.agentmanager.contracts.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who did what to which object, when and from where.
 *
 * @param seq its number in the tenant's trail, without gaps
 * @param actor {@code token:NAME} or {@code oidc:SUBJECT}; absent when nobody was identified
 * @param status the HTTP status that the caller got
 * @param count how many calls like it the entry stands for
 * @param origin the address that the call came from
 * @param hash the keyed hash that chains it to the entry before, in base64url
 */
public record TrailEntry(
    long seq,
    Instant at,
    @Nullable String actor,
    List<String> roles,
    String action,
    @Nullable String object,
    int status,
    int count,
    String origin,
    String requestId,
    String hash) {}
