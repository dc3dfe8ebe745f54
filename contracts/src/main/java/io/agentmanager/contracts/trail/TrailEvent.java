package io.agentmanager.contracts.trail;

import io.agentmanager.contracts.id.TenantId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Somebody did something, or was refused: what the gateway publishes and the audit-service chains.
 * The Kafka key is the tenant. Entries of several replicas are chained in the order in which they
 * arrive; when each happened, it says itself.
 *
 * @param entryId unique for ever, so that a repeated record changes nothing
 * @param at when the answer was decided, to the microsecond
 * @param tenantId of the caller; {@link #NOBODYS} when nobody was identified
 * @param actor {@code token:NAME} or {@code oidc:SUBJECT}; null when nobody was identified
 * @param roles the actor's, by their names on the wire
 * @param action such as {@code workflow.cancel}; of refusals of other calls, method and path
 * @param object what it was done to, such as a workflow's id
 * @param status the HTTP status of the answer
 * @param count how many like it this entry stands for; refusals that repeat share one
 * @param origin the address that the call came from
 * @param requestId the request's name in the logs
 */
public record TrailEvent(
    String entryId,
    Instant at,
    TenantId tenantId,
    @Nullable String actor,
    List<String> roles,
    String action,
    @Nullable String object,
    int status,
    int count,
    String origin,
    String requestId) {
  /** The CloudEvents {@code type}. */
  public static final String TYPE_NAME = "io.agentmanager.trail.entry.v1";

  /** The topic of entries, without the configured prefix. */
  public static final String TOPIC = "trail";

  /** The topic of the heads of the chains, without the configured prefix. */
  public static final String HEADS_TOPIC = "trail-heads";

  /** Whose the entries are of calls without a caller; only operators read them. */
  public static final TenantId NOBODYS = new TenantId("-");

  /** Keeps the roles as they are now. */
  public TrailEvent {
    roles = roles == null ? List.of() : List.copyOf(roles);
  }
}
