package io.agentmanager.contracts.api;

import io.agentmanager.contracts.id.TenantId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API token as it is listed: everything but its secret.
 *
 * @param tokenId names it in calls; not a secret
 * @param createdBy the caller that made it
 * @param lastUsedAt to the minute; absent when it was never used
 */
public record TokenView(
    String tokenId,
    String name,
    TenantId tenant,
    List<Role> roles,
    List<String> capabilities,
    Instant createdAt,
    String createdBy,
    @Nullable Instant expiresAt,
    @Nullable Instant lastUsedAt) {}
