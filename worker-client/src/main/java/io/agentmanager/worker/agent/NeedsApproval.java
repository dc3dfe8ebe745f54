package io.agentmanager.worker.agent;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a {@code @Tool} method whose every call a person approves first. The step waits without a
 * worker, and goes on from its checkpoint. Such a call is never repeated ({@link NotRepeatable}).
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface NeedsApproval {
  /** What the person is asked; empty means a sentence with the tool's name. */
  String value() default "";
}
