package io.agentmanager.contracts.api;

import io.agentmanager.contracts.id.TenantId;
import java.time.Instant;

/**
 * An open session of a person.
 *
 * @param person {@code oidc:SUBJECT}
 * @param device what the device said of itself when it began
 * @param lastSeen to the minute
 */
public record SessionView(
    String sessionId,
    TenantId tenant,
    String person,
    String device,
    Instant beganAt,
    Instant lastSeen) {}
