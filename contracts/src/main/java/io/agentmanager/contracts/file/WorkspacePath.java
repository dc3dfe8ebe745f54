package io.agentmanager.contracts.file;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A file's path relative to a workspace root, normalised: forward slashes, no empty, {@code .} or
 * {@code ..} part. Two spellings of one file are equal.
 */
public record WorkspacePath(String value) {
  private static final int MAX_LENGTH = 1024;

  /**
   * Normalises a path.
   *
   * @return empty when the path is blank, absolute, longer than 1,024 characters, holds a control
   *     character or a backslash, or leaves the workspace
   */
  public static Optional<WorkspacePath> parse(String text) {
    if (text.isBlank() || text.length() > MAX_LENGTH || text.startsWith("/")) {
      return Optional.empty();
    }
    if (text.indexOf('\\') >= 0 || text.matches("^[A-Za-z]:.*") || hasControl(text)) {
      return Optional.empty();
    }
    Deque<String> parts = new ArrayDeque<>();
    for (String part : text.split("/", -1)) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (!part.equals("..")) {
        parts.addLast(part);
      } else if (parts.pollLast() == null) {
        return Optional.empty();
      }
    }
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of(new WorkspacePath(String.join("/", parts)));
  }

  private static boolean hasControl(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }
}
