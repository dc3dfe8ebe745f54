package io.agentmanager.system;

/** The real system keeps what workers rely on; its leases end when nobody is heard of. */
class SystemContractTest extends WorkerContract {
  private final Api api = RunningSystem.split().api();

  @Override
  Api api() {
    return api;
  }

  @Override
  void tick() {
    // Time passes.
  }

  @Override
  void loseLeases() {
    // Nobody sends a heartbeat; whoever looks for the step's state waits that long.
  }
}
