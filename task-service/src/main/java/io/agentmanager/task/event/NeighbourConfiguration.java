package io.agentmanager.task.event;

import io.agentmanager.http.InternalTokens;
import io.agentmanager.http.ServiceClient;
import java.net.URI;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Where the services are that the task-service asks. */
@Configuration(proxyBeanMethods = false)
class NeighbourConfiguration {
  @Bean
  PlannerClient plannerClient(
      @Value("${agentmanager.services.planner}") URI planner, InternalTokens tokens) {
    return new PlannerClient(new ServiceClient(planner, tokens));
  }

  @Bean
  AuditClient auditClient(
      @Value("${agentmanager.services.audit}") URI audit, InternalTokens tokens) {
    return new AuditClient(new ServiceClient(audit, tokens));
  }
}
