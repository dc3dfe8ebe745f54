package io.agentmanager.contracts.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/tokens}: an API token for a worker or a pipeline.
 *
 * @param name unique in its tenant; callers are known by it
 * @param tenant absent means the caller's own; another takes the role {@link Role#OPERATOR}
 * @param roles what its bearer may do, at least one
 * @param capabilities the only ones that its bearer may offer as a worker; absent means any
 * @param expiresAt from when it is refused; absent means never
 */
public record TokenRequest(
    @Nullable String name,
    @Nullable String tenant,
    @Nullable List<Role> roles,
    @Nullable List<String> capabilities,
    @Nullable Instant expiresAt) {}
