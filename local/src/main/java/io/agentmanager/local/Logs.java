package io.agentmanager.local;

import io.agentmanager.local.stack.DataFolder;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Logging of a stack goes to files of its folder; Spring Boot leaves it alone. */
final class Logs {
  private Logs() {}

  /** Must run before anything logs. */
  static void to(DataFolder folder, String part) {
    System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
    System.setProperty("am.logs", folder.logs().toString());
    System.setProperty("am.part", part);
    var unused = LoggerFactory.getILoggerFactory();
    // What logs to java.util.logging would stand on the terminal.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}
