/** A worker in a Spring Boot application. */
@NullMarked
package io.agentmanager.spring;

import org.jspecify.annotations.NullMarked;
