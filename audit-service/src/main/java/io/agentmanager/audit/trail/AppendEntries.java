package io.agentmanager.audit.trail;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.trail.TrailEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Chains what happened, each entry once however often it comes. */
@Component
class AppendEntries {
  private final TrailStore store;
  private final HashChain chain;
  private final TransactionTemplate transaction;

  AppendEntries(TrailStore store, HashChain chain, TransactionTemplate transaction) {
    this.store = store;
    this.chain = chain;
    this.transaction = transaction;
  }

  void append(List<TrailEvent> events) {
    if (!events.isEmpty()) {
      transaction.executeWithoutResult(status -> appendWithin(events));
    }
  }

  private void appendWithin(List<TrailEvent> events) {
    Set<TenantId> tenants = events.stream().map(TrailEvent::tenantId).collect(Collectors.toSet());
    Map<TenantId, TrailStore.Head> heads = store.lockHeads(tenants);
    Set<String> known = store.known(events);
    Map<TenantId, ChainedEntry> newest = new HashMap<>();
    List<ChainedEntry> entries = new ArrayList<>();
    for (TrailEvent event : events) {
      if (known.add(event.entryId())) {
        ChainedEntry entry = after(heads, newest, event);
        newest.put(event.tenantId(), entry);
        entries.add(entry);
      }
    }
    store.insert(entries);
    Collection<ChainedEntry> moved = newest.values();
    moved.forEach(store::moveHead);
  }

  private ChainedEntry after(
      Map<TenantId, TrailStore.Head> heads, Map<TenantId, ChainedEntry> newest, TrailEvent event) {
    ChainedEntry last = newest.get(event.tenantId());
    if (last != null) {
      return chain.next(event, last.seq() + 1, last.hash());
    }
    TrailStore.Head head = heads.get(event.tenantId());
    if (head == null) {
      throw new IllegalStateException("the head of " + event.tenantId() + " was not locked");
    }
    return chain.next(event, head.seq() + 1, head.hash());
  }
}
