"""Multidisciplinary teams as mdt-service knows them from careplan-service."""
