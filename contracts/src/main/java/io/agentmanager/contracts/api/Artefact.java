package io.agentmanager.contracts.api;

import org.jspecify.annotations.Nullable;

/**
 * Something that an attempt made besides its result: a text that travels with it, or a place where
 * it lies.
 *
 * @param name unique in the result, 1 to 200 characters
 * @param mediaType such as {@code text/csv}
 * @param content the text itself; counts towards the size of the result
 * @param uri where it lies instead: a path of the workspace or a URL; one of the two is there
 * @param bytes how many the artefact has, where that is known
 * @param sha256 of these bytes in hexadecimal, where that is known
 */
public record Artefact(
    String name,
    @Nullable String mediaType,
    @Nullable String content,
    @Nullable String uri,
    @Nullable Long bytes,
    @Nullable String sha256) {

  /** A text that travels with the result. */
  public static Artefact text(String name, String mediaType, String content) {
    return new Artefact(name, mediaType, content, null, null, null);
  }

  /** Something that lies elsewhere. */
  public static Artefact at(String name, String mediaType, String uri) {
    return new Artefact(name, mediaType, null, uri, null, null);
  }
}
