"""The GraphQL that the provider sends, as its query builder writes it."""

_ACTOR = "actor{... on App{id,name,slug},... on Team{id,name,slug},... on User{id,name,login}}"
_ALLOWANCES = ",".join(
    f"{kind}(first: 100){{nodes{{{_ACTOR}}}}}"
    for kind in (
        "pushAllowances",
        "reviewDismissalAllowances",
        "bypassForcePushAllowances",
        "bypassPullRequestAllowances",
    )
)
_RULE = (
    "allowsDeletions,allowsForcePushes,blocksCreations,dismissesStaleReviews,id,isAdminEnforced,pattern,"
    "requiredApprovingReviewCount,requiredStatusCheckContexts,requiresApprovingReviews,requiresCodeOwnerReviews,"
    "requiresCommitSignatures,requiresLinearHistory,requiresConversationResolution,requiresStatusChecks,"
    "requiresStrictStatusChecks,restrictsPushes,restrictsReviewDismissals,requireLastPushApproval,lockBranch"
)

NODE = "query($id:ID!){node(id:$id){id}}"
REPOSITORY = "query($name:String!$owner:String!){repository(owner:$owner, name:$name){id}}"
RULE = (
    "query($id:ID!){node(id: $id){... on BranchProtectionRule{repository{id,name}," + _ALLOWANCES + "," + _RULE + "}}}"
)
RULES = (
    "query($cursor:String$first:Int!$id:ID!){node(id: $id){... on Repository{branchProtectionRules"
    "(first: $first, after: $cursor){nodes{id,pattern},pageInfo{endCursor,hasNextPage}},id}}}"
)
PATTERNS = (
    "query($cursor:String$first:Int!$name:String!$owner:String!){repository(name: $name, owner: $owner)"
    "{id,branchProtectionRules(first:$first, after:$cursor){nodes{pattern},pageInfo{endCursor,hasNextPage}}}}"
)
TEAM = "query($organization:String!$slug:String!){organization(login: $organization){team(slug: $slug){id}}}"
USER = "query($user:String!){user(login: $user){id}}"
CREATE = (
    "mutation($input:CreateBranchProtectionRuleInput!){createBranchProtectionRule(input: $input)"
    "{branchProtectionRule{id}}}"
)
UPDATE = (
    "mutation($input:UpdateBranchProtectionRuleInput!){updateBranchProtectionRule(input: $input)"
    "{branchProtectionRule{id}}}"
)
DELETE = (
    "mutation($input:DeleteBranchProtectionRuleInput!){deleteBranchProtectionRule(input: $input){clientMutationId}}"
)
