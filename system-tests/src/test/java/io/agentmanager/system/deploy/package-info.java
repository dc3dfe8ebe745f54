/**
 * What is deployed agrees with itself, with the Kubernetes model and with what the services read.
 */
@NullMarked
package io.agentmanager.system.deploy;

import org.jspecify.annotations.NullMarked;
