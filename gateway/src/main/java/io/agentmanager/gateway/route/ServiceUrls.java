package io.agentmanager.gateway.route;

import java.net.URI;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Where the services are. */
@ConfigurationProperties("agentmanager.services")
public record ServiceUrls(URI planner, URI task, URI audit) {}
