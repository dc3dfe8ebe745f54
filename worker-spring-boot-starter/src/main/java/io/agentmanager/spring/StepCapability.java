package io.agentmanager.spring;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says which steps a bean runs. On a method of a bean: it takes a {@link
 * io.agentmanager.worker.StepContext} and returns an {@link io.agentmanager.worker.Outcome}, or a
 * text that is the result; what it throws is a failure that may be tried again. On a {@code @Bean}
 * method or a class whose bean is a {@link io.agentmanager.worker.StepHandler}, such as an agent:
 * that bean.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface StepCapability {
  /** The capability, as steps name it in {@code assigned_agent}. */
  String value();
}
