package io.agentmanager.gateway.route;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The OpenAPI document of what the gateway serves. */
@RestController
class OpenApiController {
  private static final Resource DOCUMENT =
      new ClassPathResource("io/agentmanager/contracts/openapi.json");

  @GetMapping(
      path = {"/v1/openapi.json", "/v3/api-docs"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Resource document() {
    return DOCUMENT;
  }
}
