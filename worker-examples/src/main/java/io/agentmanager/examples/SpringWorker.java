package io.agentmanager.examples;

import io.agentmanager.spring.StepCapability;
import io.agentmanager.worker.StepContext;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * A worker in a Spring Boot application: the starter finds its annotated beans. {@code
 * agentmanager.worker.client-agent-id}, {@code .server-url} and {@code .auth-token} say who it is.
 */
@SpringBootApplication(proxyBeanMethods = false)
class SpringWorker {
  /** Runs the steps of capability {@code counter}. */
  @StepCapability("counter")
  String countWords(StepContext step) {
    return Integer.toString(step.input("text").strip().split("\\s+", -1).length);
  }

  /** Runs until the process is asked to stop. */
  public static void main(String[] args) {
    SpringApplication.run(SpringWorker.class, args);
  }
}
