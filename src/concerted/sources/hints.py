"""Which column names mean what. One list per role, the better name first; names are compared without case
and punctuation."""

from __future__ import annotations

# The lists hold names seen in real exports: X archives and scrapers, 4CAT, CrowdTangle, PRAW, Telegram and
# Bluesky tools, research data sets.
POST = {
    "post": """post_id tweet_id tweetid status_id message_id msg_id id_str content_id comment_id fullname uri
        id nr post""",
    "account": """account_id user_id userid author_id id_account id_user account.platformid user.id_str
        user_id_str author_fullname unique_userid from_id channel_id author_did did user.id uid owner_id
        account_username author author.name author_name author_username username user_name screen_name
        user_screen_name account.handle account_handle account handle user_key user poster""",
    "time": """created_at_snowflake created_at timestamp tweet_time published_at publish_date posted_at
        created_utc created time date datetime created_time creation_time post_created post_created_date
        timestamp_share unix_timestamp date_unixtime epoch posted day ts""",
    "text": """text full_text tweet_text content body message message_text post_content post_text rawcontent
        tweet cleaned_message caption""",
    "reshare": """retweet_of_post_id reshare_of repost_of reshare_of_post_id retweet_tweetid
        retweeted_status_id retweeted_status_id_str retweeted_tweet_id retweetedtweetid retweet_id repost_id
        referenced_tweets.retweeted.id rt_of shared_post_id reposted_post_id forward_from_msg_id
        forward_msg_link retweeted_status.id_str""",
    "reshare_account": """retweet_of_account_id reshare_of_account_id retweet_userid retweeted_user_id
        retweeteduserid reposted_user_id forward_from_account_id forward_msg_from_peer_id
        retweeted_status.user.id_str""",
    "reshare_time": """retweet_of_created_at reshare_of_created_at forward_created_at forward_msg_date
        retweeted_status.created_at parent_time parent_created_at""",
    "reply": """reply_to_post_id in_reply_to_tweetid in_reply_to_status_id_str in_reply_to_status_id
        in_reply_to_tweet_id in_reply_to_id reply_to_id replytosid reply_id referenced_tweets.replied_to.id
        reply_to_msg_id replied_to_post reply_to_post_key parent_id""",
    "reply_account": """reply_to_account_id in_reply_to_userid in_reply_to_user_id_str in_reply_to_user_id
        replytouid replied_to_user""",
    "quote": """quote_of_post_id quoted_tweet_tweetid quoted_status_id_str quoted_status_id quoted_tweet_id
        referenced_tweets.quoted.id quote_id quoted_post""",
    "quote_account": "quote_of_account_id quoted_user_id quoted_userid quoted_user",
    "parent": "parent_post_id parent",
    "parent_account": "parent_account_id parent_account parent_user_id",
    "target": "target_account_id target_user_id target",
    "kind": "kind post_type tweet_type interaction type",
    "is_reshare": "is_retweet is_reshare is_repost is_forward isretweet retweetedtweet",
    "is_reply": "is_reply isreply",
    "is_quote": "is_quote is_quote_tweet isquote",
    "thread": """thread_id conversation_id conversationid conversation_id_str conversationidstr link_id
        conversation_key thread cascade_id""",
    "urls": """urls expanded_urls links entities.urls url_list final_link expanded outlinks url_hash url link
        media_link""",
    "tags": "hashtags entities.hashtags tags hashtag",
    "mentions": """mentions user_mentions mentioned_users mentionedusers entities.mentions
        entities.user_mentions mention_channels mention""",
    "media": "media media_ids attachments.media_keys media_keys image_ids media_id",
    "client": "source_app tweet_client_name statussource client source application",
    "lang": "lang langs language tweet_language languages lang_code",
    "platform": "platform source_platform account.platform network",
    "link": "permalink article_url tweet_url post_url msg_link link_to_post url link",
    "deleted": "deleted_at deleted_time deleted",
    "collected": """collected_at indexed_at harvested_date retrieved_on timestamp_collected crawled_at
        __twarc.retrieved_at collected""",
    "query": "query search_query search_term collected_by event",
    "reshares_total": """retweet_count retweetcount repost_count reshare_count reshares share_count shares
        forward_count number_forwards retweets reshares_total""",
}
OPAQUE = {"urls_id": "url_id link_id_hash", "tags_id": "hashtag_id", "domain": "domain_id domain"}
HASHES = {
    "phash_id": "phash", "phash": "phash", "image_hash": "image", "media_hash": "media", "dhash": "dhash",
    "pdq": "pdq", "pdq_hash": "pdq", "md5": "md5", "sha256": "sha256", "image_phash": "phash",
}  # fmt: skip
PROFILE = {
    "handle": """screen_name user_screen_name author_username account_username username account.handle
        author.username account_handle user_key handle""",
    "name": """user_display_name display_name author_display_name account.name author.name account_name
        full_name""",
    "bio": """account_description user_profile_description account.pagedescription author.description
        user.description account_bio bio""",
    "opened": """account_created_at account_creation_date account.pagecreateddate author.created_at
        author_created_at user.created_at user_created_at account_opened""",
    "followers": """follower_count followers_count followers user_followers account.subscribercount
        author_followers author.public_metrics.followers_count user.followers_count""",
    "following": """following_count friends_count following user_friends
        author.public_metrics.following_count user.friends_count""",
    "statuses": "statuses_count tweet_count updates_count updates user.statuses_count",
    "avatar": "profile_image_hash profile_image_url icon_img author_avatar avatar account_avatar",
    "status": "account_status account_status_jan2021 user_status",
    "platform_label": """account_verified account.verified verified is_bot automated platform_label
        account_label labels""",
}
# all that a table may fill
COVERS = ("account", "post", *POST, *OPAQUE, "media_hash", *PROFILE)
# Layouts of other toolkits, which fix the zone of times without one: UTC. Dots: more columns may be there.
_AS_UTC = "so they are taken as UTC: if they are not, say so with --timezone"
PEERS = {
    "account.platformid expanded is_orig ...": "CrowdTangle's times are UTC",
    "post_id account_id time content": f"coorsim takes times without a zone as UTC, {_AS_UTC}",
    **dict.fromkeys(
        ("unique_userid timestamp post_content", "user_id message_id message_text timestamp"),
        f"the Mango Tree counts times without a zone as they stand, {_AS_UTC}",
    ),
}
# In a list of accounts these words mean the account; beside posts they mean the post.
LIST_ONLY = {
    "account": "account_id user_id userid fullname id_str id account name username screen_name handle",
    "opened": "created_at created_utc created opened joined",
    "bio": "description",
    "name": "name account_name",
    "statuses": "posts_in_part posts",
    "seen": "crawled_at seen collected_at",
    "platform": "platform",
}
# Only profiles have these; a table with them and without any sign of posts is a list of accounts.
ACCOUNT_SIGNS = frozenset(
    [
        "commentkarma",
        "linkkarma",
        "favouritescount",
        "listedcount",
        "friendscount",
        "followercount",
        "followingcount",
        "followerscount",
        "followers",
        "following",
        "screenname",
        "screennameshape",
        "userdisplayname",
        "description",
        "accountname",
        "defaultprofile",
        "defaultprofileimage",
        "accounttype",
        "accountcreationdate",
        "postsinpart",
    ]
)
POST_IDS = "post_id tweet_id tweetid msg_id message_id content_id comment_id url_id hashtag_id"
POST_SIGNS = (
    "text",
    "reshare",
    "reply",
    "quote",
    "parent",
    "target",
    "urls",
    "tags",
    "is_reshare",
    "media",
    "link",
)


def names(listed: str) -> list[str]:
    """The names of one list, plain."""
    return ["".join(c for c in name.casefold() if c.isalnum()) for name in listed.split()]
