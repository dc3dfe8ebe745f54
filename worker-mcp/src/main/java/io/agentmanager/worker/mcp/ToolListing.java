package io.agentmanager.worker.mcp;

import dev.langchain4j.agent.tool.ToolSpecification;
import io.agentmanager.worker.agent.AgentTool;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tools that a server offers here, as it listed them last. */
final class ToolListing {
  private static final Logger log = LoggerFactory.getLogger(ToolListing.class);
  private static final Duration FRESH = Duration.ofMinutes(1);
  private final String name;
  private final McpServerConfig config;
  private final InstantSource clock;
  private final Source source;
  private final Function<ToolSpecification, AgentTool> offer;
  private final Object listings = new Object();
  private CompletableFuture<Void> listing = CompletableFuture.completedFuture(null);
  private volatile List<AgentTool> known = List.of();
  private volatile Instant listed = Instant.MIN;
  private volatile Set<String> unknownNames = Set.of();

  /** Asks the server. */
  @FunctionalInterface
  interface Source {
    List<ToolSpecification> list() throws IOException, InterruptedException;
  }

  ToolListing(
      String name,
      McpServerConfig config,
      InstantSource clock,
      Source source,
      Function<ToolSpecification, AgentTool> offer) {
    this.name = name;
    this.config = config;
    this.clock = clock;
    this.source = source;
    this.offer = offer;
  }

  /**
   * Those that it listed less than a minute ago; else those that it lists within the patience; else
   * those that were known before.
   */
  List<AgentTool> tools(Duration patience) throws InterruptedException {
    if (!known.isEmpty() && clock.instant().isBefore(listed.plus(FRESH))) {
      return known;
    }
    try {
      underWay().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      log.warn("the tools of {} cannot be listed: {}", name, McpConnection.describe(e));
    } catch (TimeoutException e) {
      log.warn("{} does not list its tools; the step begins with those that are known", name);
    }
    return known;
  }

  /** The one that is under way, or another. */
  private CompletableFuture<Void> underWay() {
    synchronized (listings) {
      if (listing.isDone()) {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        listing = begun;
        Thread unused = Thread.ofVirtual().name("mcp-list").start(() -> list(begun));
      }
      return listing;
    }
  }

  private void list(CompletableFuture<Void> begun) {
    try {
      known = offered(source.list());
      listed = clock.instant();
      begun.complete(null);
    } catch (IOException | InterruptedException | RuntimeException e) {
      begun.completeExceptionally(e);
    }
  }

  /** Two names that are one to providers would spoil every step: the later gives way. */
  private List<AgentTool> offered(List<ToolSpecification> all) {
    warnOfOthers(all.stream().map(ToolSpecification::name).toList());
    Map<String, AgentTool> byName = new LinkedHashMap<>();
    for (ToolSpecification tool : all) {
      AgentTool own = offer.apply(tool);
      boolean isOffered = config.allows(tool.name());
      if (isOffered && byName.putIfAbsent(own.specification().name(), own) != null) {
        log.warn("{} has two tools that are one by name; {} is not offered", name, tool.name());
      }
    }
    return List.copyOf(byName.values());
  }

  /** A name that is misspelt leaves a tool without what it was to be held by. */
  private void warnOfOthers(List<String> all) {
    Set<String> others = new TreeSet<>(config.namedTools());
    all.forEach(others::remove);
    if (!others.isEmpty() && !others.equals(unknownNames)) {
      log.warn(
          "mcp_servers.{} names {}, and the server has no such tools: it has {}",
          name,
          others,
          all);
    }
    unknownNames = others;
  }

  /** The names of its configuration that none of the tools had when they were listed last. */
  Set<String> unknownNames() {
    return unknownNames;
  }
}
