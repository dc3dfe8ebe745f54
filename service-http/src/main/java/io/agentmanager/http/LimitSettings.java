package io.agentmanager.http;

import io.agentmanager.contracts.id.TenantId;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The limits of tenants; the same in every service.
 *
 * @param standard of every tenant
 * @param tenants of single ones, where they differ
 */
@ConfigurationProperties("agentmanager.limits")
public record LimitSettings(
    @Nullable TenantLimits standard, @Nullable Map<String, TenantLimits> tenants) {
  /** What a tenant may use. */
  public TenantLimits of(TenantId tenant) {
    TenantLimits general = standard == null ? TenantLimits.NONE : standard;
    TenantLimits own = tenants == null ? null : tenants.get(tenant.value());
    return own == null ? general : own.orElse(general);
  }
}
