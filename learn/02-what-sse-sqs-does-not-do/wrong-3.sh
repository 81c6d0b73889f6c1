# takes the whole policy away, and with it the number of waiting reports
aws iam detach-role-policy --role-name pettracker-report-intern --policy-arn arn:aws:iam::123456789012:policy/pettracker-report-readers
