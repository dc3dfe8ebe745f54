package io.agentmanager.worker.agent;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a {@code @Tool} method that must not be called twice for one intention: it sends, pays,
 * deletes. Its call is announced to the server first; an attempt that finds a call announced and
 * does not know how it ended does not make it again.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface NotRepeatable {}
