-- Which model scores is what this table says, and only who trains may write it: MLflow's alias follows it, and is
-- compared. The checksum is that of the model directory's manifest, as it was when the version was judged.
alter table churn.model_promotions add column manifest_sha256 text;
alter table churn.model_promotions add constraint model_promotions_manifest_sha256_check
check (manifest_sha256 ~ '^[0-9a-f]{64}$');

-- The user who logged in, whatever role they work as; nobody knows it of the decisions before.
alter table churn.model_promotions add column decided_by text;
alter table churn.model_promotions alter column decided_by set default session_user;

create index on churn.model_promotions (population, model_promotion_id) where is_promoted;
