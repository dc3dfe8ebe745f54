package io.agentmanager.worker.agent;

import io.agentmanager.contracts.api.AccessType;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says that an argument, or several with an annotation each, of a {@code @Tool} method names a file
 * of the workspace. The file is locked at the server and in the operating system while the call
 * runs.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Repeatable(UsesFile.All.class)
public @interface UsesFile {
  /** The argument that holds the path, relative to the workspace. */
  String value() default "path";

  /** What is done with the file. */
  AccessType access() default AccessType.READ;

  /** Those of one method. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  @interface All {
    /** Each of them. */
    UsesFile[] value();
  }
}
