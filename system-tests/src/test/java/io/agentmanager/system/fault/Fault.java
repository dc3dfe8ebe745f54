package io.agentmanager.system.fault;

/** What is done to the system. */
enum Fault {
  WORKER_KILLED("worker killed (-9)"),
  WORKER_PAUSED("worker paused past its lease"),
  WORKER_CUT_OFF("worker cut off past its lease"),
  GATEWAY_KILLED("gateway killed (-9)"),
  PLANNER_KILLED("planner-service killed (-9)"),
  TASK_SERVICE_KILLED("task-service killed (-9)"),
  TASK_SERVICE_PAUSED("task-service paused past a lease"),
  AUDIT_KILLED("audit-service killed (-9)"),
  KAFKA_KILLED("broker killed (-9)"),
  POSTGRES_KILLED("PostgreSQL killed (-9)"),
  RECORDS_TWICE("records delivered twice"),
  RECORDS_LATE("old records again, late and out of order");

  private final String title;

  Fault(String title) {
    this.title = title;
  }

  /** Whether the cause is over as soon as it is there; the others last longer than a lease. */
  boolean isMomentary() {
    return switch (this) {
      case WORKER_PAUSED, WORKER_CUT_OFF, TASK_SERVICE_PAUSED -> false;
      case WORKER_KILLED,
          GATEWAY_KILLED,
          PLANNER_KILLED,
          TASK_SERVICE_KILLED,
          AUDIT_KILLED,
          KAFKA_KILLED,
          POSTGRES_KILLED,
          RECORDS_TWICE,
          RECORDS_LATE ->
          true;
    };
  }

  String title() {
    return title;
  }
}
