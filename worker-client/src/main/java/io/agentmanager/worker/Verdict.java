package io.agentmanager.worker;

/** What an answer of the server means for a result. */
enum Verdict {
  /** The server has it. */
  TAKEN,
  /** The step went on without it. */
  STALE,
  /** The server knows no such step any more. */
  UNKNOWN,
  /** No server takes it as it is. */
  INVALID,
  /**
   * It was not judged, and is to be sent again: the fault lies with the server or the way there.
   */
  AGAIN;

  private static final int FIRST_ERROR = 400;

  /** By the status that the server gave the result itself. */
  static Verdict ofResult(int status) {
    return switch (status) {
      case 404 -> UNKNOWN;
      case 409 -> STALE;
      default -> status < FIRST_ERROR ? TAKEN : ofCall(status);
    };
  }

  /**
   * By the status of a call that was refused as a whole. Only what is said of its content is said
   * of the result: the rest may come from a proxy that has not found its server yet.
   */
  static Verdict ofCall(int status) {
    return switch (status) {
      case 400, 413, 422 -> INVALID;
      default -> AGAIN;
    };
  }
}
